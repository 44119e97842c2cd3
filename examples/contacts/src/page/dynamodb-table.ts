export const TABLE_NAME = 'contacts'
